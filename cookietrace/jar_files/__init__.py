"""Jars as files of other tools: cookies.txt, Playwright's storage state, DevTools' JSON, curl."""

from cookietrace.jar_files.jar_file import JarFile, Origins
from cookietrace.jar_files.registry import JAR_FILES, read_jar

__all__ = ["JAR_FILES", "JarFile", "Origins", "read_jar"]
