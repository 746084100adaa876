"""What ``mitmdump -s "$(cookietrace addon)"`` loads: the recorder inside one's own mitmproxy.

This file is loaded under a made-up name, so its imports are absolute; and it may be
loaded by a mitmproxy that has none of our packages, which is then said in one line.
"""

from __future__ import annotations

import logging

_logger = logging.getLogger(__name__)

try:
    from proxy_addon.embedded import EmbeddedRecorder
except ImportError as error:
    _logger.error(
        "cookietrace: this mitmproxy cannot import %s: start the mitmdump that is installed "
        "beside cookietrace (pip install cookietrace puts both into one environment)",
        error.name or "our packages",
    )
    addons: list[object] = []
else:
    addons = [EmbeddedRecorder()]
