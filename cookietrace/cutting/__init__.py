"""Parts of captures: a beginning removed, a stretch copied, several captures made one."""
