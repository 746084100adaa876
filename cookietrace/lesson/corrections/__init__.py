"""What a Set-Cookie should have been, and how each framework writes that."""

from cookietrace.lesson.corrections.corrected import (
    Correction,
    corrected_for_request,
    corrected_result,
    corrections_at,
)
from cookietrace.lesson.corrections.frameworks import FRAMEWORKS, Framework
from cookietrace.lesson.corrections.line import SetCookieLine, line_of_cookie, line_of_result
from cookietrace.lesson.corrections.session_settings import (
    WITNESSED,
    code_of,
    is_probable,
    setting_of,
)

__all__ = [
    "FRAMEWORKS",
    "WITNESSED",
    "Correction",
    "Framework",
    "SetCookieLine",
    "code_of",
    "corrected_for_request",
    "corrected_result",
    "corrections_at",
    "is_probable",
    "line_of_cookie",
    "line_of_result",
    "setting_of",
]
