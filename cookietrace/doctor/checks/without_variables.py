"""Programs that ignore the variables for proxies unless they are told otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.checks.browsers import variables_lead_here
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that Node.js and Java ignore variables that lead to the recorder."""
    if facts.proxy is None or facts.seen.of_host or not variables_lead_here(facts):
        return
    there = {store.program for store in facts.stores}
    seen = {client.program for client in facts.seen.clients}
    host, _, port = facts.proxy.rpartition(":")
    options = facts.variable("NODE_OPTIONS") or ""
    told = facts.variable("NODE_USE_ENV_PROXY") == "1" or "--use-env-proxy" in options
    if "node" in there - seen and not told:
        yield Finding(
            Sure.GUESS,
            "Node.js ignores the variables for proxies.",
            "Its fetch and its http module connect directly, unless a variable of its own says "
            "otherwise, or the program sets a proxy itself.",
            (Fix("export NODE_USE_ENV_PROXY=1", "Node.js 24 and newer"),),
        )
    java = facts.variable("JAVA_TOOL_OPTIONS") or ""
    if "java" in there - seen and "proxyHost" not in java and "useSystemProxies" not in java:
        settings = (
            f"-Dhttp.proxyHost={host} -Dhttp.proxyPort={port} -Dhttps.proxyHost={host} "
            f"-Dhttps.proxyPort={port} -Dhttp.nonProxyHosts="
        )
        yield Finding(
            Sure.GUESS,
            "Java ignores the variables for proxies.",
            "It has settings of its own, which by default also leave out localhost.",
            (Fix(f"export JAVA_TOOL_OPTIONS='{settings}'", "Java"),),
        )
