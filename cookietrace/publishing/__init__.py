"""Publishing: follows a capture on this machine, and adds what may leave it to a Redis stream.

The recorder knows nothing of it: the file is the truth, and whatever could not be published yet
is read from there when it can be.
"""

from cookietrace.publishing.publisher import Publisher, PublishingOptions
from cookietrace.publishing.retention import Retention

__all__ = ["Publisher", "PublishingOptions", "Retention"]
