"""What ``mitmdump -s "$(cookietrace addon)"`` loads: the recorder inside your own mitmproxy.

mitmproxy loads this file under a made-up name, so its imports are absolute. If that
mitmproxy cannot import our packages, one line in its log says so.
"""

from __future__ import annotations

import logging

_logger = logging.getLogger(__name__)

try:
    from proxy_addon.embedded import EmbeddedRecorder
except ImportError as error:
    _logger.error(
        "cookietrace: this mitmproxy cannot import %s: start the mitmdump that is installed "
        "with cookietrace, in the same environment",
        error.name or "our packages",
    )
    addons: list[object] = []
else:
    addons = [EmbeddedRecorder()]
