"""Ten small apps with one bug each, as data and steps; every bug is one that apps really have."""

from tests.e2e.broken_apps import (
    blocked_third_party,
    duplicate_name,
    form_post_state,
    late_response,
    missed_sign_out,
    path_mismatch,
    secure_on_http,
    sibling_domain,
    too_large,
    without_credentials,
)
from tests.e2e.broken_apps.app import BrokenApp

APPS: tuple[BrokenApp, ...] = (
    form_post_state.APP,
    secure_on_http.APP,
    sibling_domain.APP,
    path_mismatch.APP,
    missed_sign_out.APP,
    duplicate_name.APP,
    too_large.APP,
    late_response.APP,
    without_credentials.APP,
    blocked_third_party.APP,
)
