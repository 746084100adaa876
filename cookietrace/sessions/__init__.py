"""What is inside a session cookie: signed values and tokens that can be read without a key.

Everything here is pure: bytes in, a description out; nothing is kept, and no object of another
program is ever made from a value. A value is hostile: what is read of it is bounded.
"""

from typing import TYPE_CHECKING

from cookietrace.late_names import late_names

if TYPE_CHECKING:
    from cookietrace.sessions.decoded import Decoded, Keys, Signature
    from cookietrace.sessions.recognition import FORMATS, decode, values_in
    from cookietrace.sessions.texts import decoded_entry, decoded_lines
else:  # most commands look inside no session
    __getattr__ = late_names(
        __name__,
        {
            **dict.fromkeys(("Decoded", "Keys", "Signature"), "decoded"),
            **dict.fromkeys(("FORMATS", "decode", "values_in"), "recognition"),
            **dict.fromkeys(("decoded_entry", "decoded_lines"), "texts"),
        },
    )

__all__ = [
    "FORMATS",
    "Decoded",
    "Keys",
    "Signature",
    "decode",
    "decoded_entry",
    "decoded_lines",
    "values_in",
]
