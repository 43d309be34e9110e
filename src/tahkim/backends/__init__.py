"""One file a tool: where reports and annotations come from and go to."""
