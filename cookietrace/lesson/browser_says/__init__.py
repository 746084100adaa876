"""What the browser itself says about each verdict: confirmed, disputed, or nothing.

One direction: from an exchange, with what its browser said about it, to a statement per verdict.
No verdict changes by it. What was observed on the wire comes first as ever, then the browser's
own word, then the prediction.
"""

from cookietrace.lesson.browser_says.statements import (
    Statement,
    Word,
    script_of,
    settled,
    statements,
    word_of,
)

__all__ = ["Statement", "Word", "script_of", "settled", "statements", "word_of"]
