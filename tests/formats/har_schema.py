"""A JSON Schema for HAR 1.2: the objects, fields and types that its specification names."""

from __future__ import annotations

from typing import Any

_STRING: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_INTEGER: dict[str, Any] = {"type": "integer"}
_SIZE: dict[str, Any] = {"type": "integer", "minimum": -1}
_TIME: dict[str, Any] = {"type": "number", "minimum": -1}
_MOMENT: dict[str, Any] = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """Return the schema of an object; fields beyond these must begin with an underscore."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional, "comment": _STRING},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_PAIR = _object({"name": _STRING, "value": _STRING})
_NAMED = _object({"name": _STRING, "version": _STRING})
_COOKIE = _object(
    {"name": _STRING, "value": _STRING},
    path=_STRING,
    domain=_STRING,
    expires=_MOMENT,
    httpOnly={"type": "boolean"},
    secure={"type": "boolean"},
    # Not in the specification, but written and read by every browser.
    sameSite={"enum": ["Strict", "Lax", "None"]},
)
_POST_DATA = _object(
    {
        "mimeType": _STRING,
        "params": _list(_object({"name": _STRING}, value=_STRING)),
        "text": _STRING,
    }
)
_REQUEST = _object(
    {
        "method": _STRING,
        "url": _STRING,
        "httpVersion": _STRING,
        "cookies": _list(_COOKIE),
        "headers": _list(_PAIR),
        "queryString": _list(_PAIR),
        "headersSize": _SIZE,
        "bodySize": _SIZE,
    },
    postData=_POST_DATA,
)
_CONTENT = _object(
    {"size": _INTEGER, "mimeType": _STRING}, compression=_INTEGER, text=_STRING, encoding=_STRING
)
_RESPONSE = _object(
    {
        "status": _INTEGER,
        "statusText": _STRING,
        "httpVersion": _STRING,
        "cookies": _list(_COOKIE),
        "headers": _list(_PAIR),
        "content": _CONTENT,
        "redirectURL": _STRING,
        "headersSize": _SIZE,
        "bodySize": _SIZE,
    }
)
_TIMINGS = _object(
    {"send": _NUMBER, "wait": _NUMBER, "receive": _NUMBER},
    blocked=_TIME,
    dns=_TIME,
    connect=_TIME,
    ssl=_TIME,
)
_ENTRY = _object(
    {
        "startedDateTime": _MOMENT,
        "time": {"type": "number", "minimum": 0},
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": {"type": "object"},
        "timings": _TIMINGS,
    },
    pageref=_STRING,
    serverIPAddress=_STRING,
    connection=_STRING,
)
_LOG = _object(
    {"version": {"const": "1.2"}, "creator": _NAMED, "entries": _list(_ENTRY)},
    browser=_NAMED,
    pages={"type": "array"},
)

HAR_SCHEMA: dict[str, Any] = _object({"log": _LOG})
