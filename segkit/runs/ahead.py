"""Read modules from disk while something else is waited for."""

import importlib
import threading


def import_modules(modules: tuple[str, ...]) -> None:
    """Import modules ahead of need; one that cannot be imported fails later, where it is used."""
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            return


def import_ahead(*modules: str) -> None:
    """Import modules in the background, in the order given."""
    threading.Thread(target=import_modules, args=(modules,), daemon=True).start()
