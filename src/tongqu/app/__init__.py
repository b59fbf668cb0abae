"""The only place that knows all modules: settings, registry, HTTP, CLI, supervisor, demo."""
