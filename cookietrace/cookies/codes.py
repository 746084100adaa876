"""The codes of the reasons to refuse, withhold or warn about a cookie."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The name of a reason; its value is the code in JSON."""

    CONTROL_CHARACTER = "control-character"
    NAME_VALUE_TOO_LARGE = "name-value-too-large"
    EMPTY_COOKIE = "empty-cookie"
    DOMAIN_NOT_ASCII = "domain-not-ascii"
    PUBLIC_SUFFIX_DOMAIN = "public-suffix-domain"
    DOMAIN_MISMATCH = "domain-mismatch"
    SECURE_FROM_INSECURE = "secure-from-insecure"
    HTTP_ONLY_FROM_SCRIPT = "http-only-from-script"
    WOULD_OVERWRITE_SECURE = "would-overwrite-secure"
    SAME_SITE_FROM_CROSS_SITE = "same-site-from-cross-site"
    SAME_SITE_NONE_INSECURE = "same-site-none-insecure"
    PREFIX_SECURE = "prefix-secure"
    PREFIX_HOST = "prefix-host"
    PREFIX_NAMELESS = "prefix-nameless"
    PREFIX_HTTP = "prefix-http"
    PREFIX_HOST_HTTP = "prefix-host-http"
    WOULD_OVERWRITE_HTTP_ONLY = "would-overwrite-http-only"
    PARTITIONED_INSECURE = "partitioned-insecure"
    CLIENT_POLICY = "client-policy"

    OTHER_HOST = "other-host"
    HOST_ONLY = "host-only"
    PATH_MISMATCH = "path-mismatch"
    SECURE_OVER_INSECURE = "secure-over-insecure"
    SAME_SITE_STRICT = "same-site-strict"
    SAME_SITE_LAX = "same-site-lax"
    SAME_SITE_LAX_DEFAULT = "same-site-lax-default"
    EXPIRED = "expired"
    PARTITION_MISMATCH = "partition-mismatch"
    WITHOUT_CREDENTIALS = "without-credentials"

    NOT_SENT_BY_CLIENT = "not-sent-by-client"

    ATTRIBUTE_TOO_LONG = "attribute-too-long"
    ATTRIBUTE_UNKNOWN = "attribute-unknown"
    ATTRIBUTE_DUPLICATE = "attribute-duplicate"
    EXPIRES_UNPARSABLE = "expires-unparsable"
    MAX_AGE_UNPARSABLE = "max-age-unparsable"
    LIFETIME_CAPPED = "lifetime-capped"
    SAME_SITE_UNRECOGNISED = "same-site-unrecognised"
    SAME_SITE_DEFAULTED = "same-site-defaulted"
    SAME_SITE_UNKNOWN = "same-site-unknown"
    SAME_SITE_MISREAD = "same-site-misread"
    SHADOWS_OTHER_COOKIE = "shadows-other-cookie"
    BORN_EXPIRED = "born-expired"
    LINES_JOINED = "lines-joined"
    LINE_MISWRITTEN = "line-miswritten"
