"""The part of the SARIF 2.1.0 schema that code scanning needs, with what it requires.

Section numbers are those of the OASIS standard. Additional properties are refused, so that a
misspelt name fails.
"""

from __future__ import annotations

from typing import Any


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


_TEXT = {"type": "string", "minLength": 1}
_MESSAGE = _object("text", text=_TEXT)
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_BAG = {"type": "object"}

_RULE = _object(  # 3.49
    "id shortDescription help",
    id=_TEXT,
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    defaultConfiguration=_object("level", level=_LEVEL),
    properties=_BAG,
)

_LOCATION = _object(  # 3.28
    "physicalLocation",
    physicalLocation=_object(
        "artifactLocation region",
        artifactLocation=_object(
            "uri", uri={"type": "string", "pattern": r"^[A-Za-z0-9._~:/%!$&'()*+,;=@-]+$"}
        ),
        region=_object("startLine", startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations={
        "type": "array",
        "items": _object("fullyQualifiedName", fullyQualifiedName=_TEXT, kind=_TEXT),
    },
)

_RESULT = _object(  # 3.27
    "ruleId ruleIndex level message locations partialFingerprints",
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=_LEVEL,
    message=_MESSAGE,
    locations={"type": "array", "minItems": 1, "items": _LOCATION},
    partialFingerprints={
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "string"},
    },
    suppressions={  # 3.35
        "type": "array",
        "minItems": 1,
        "items": _object(
            "kind justification", kind={"enum": ["inSource", "external"]}, justification=_TEXT
        ),
    },
    properties=_BAG,
)

_RUN = _object(  # 3.14
    "tool results",
    tool=_object(
        "driver",
        driver=_object(
            "name version rules",
            name=_TEXT,
            version=_TEXT,
            rules={"type": "array", "uniqueItems": True, "items": _RULE},
        ),
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": _RESULT},
)

SARIF = _object(  # 3.13
    "$schema version runs",
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={"type": "array", "minItems": 1, "items": _RUN},
)
"""A JSON schema of draft 7."""
