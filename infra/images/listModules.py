"""Prints the modules that can be installed in this image as JSON: name -> names of the modules it depends on."""

import ast
import importlib.util
import json
import os


def folders():
    """Every folder that Odoo looks for modules in: its own two, and the image's."""
    for root in importlib.util.find_spec("odoo").submodule_search_locations:
        yield os.path.join(root, "addons")
    spec = importlib.util.find_spec("odoo.addons")
    yield from spec.submodule_search_locations if spec else ()
    yield from filter(None, os.environ.get("ODOO_ADDONS_PATH", "").split(","))


def modules():
    for folder in dict.fromkeys(folders()):
        if not os.path.isdir(folder):
            continue
        for name in os.listdir(folder):
            try:
                with open(os.path.join(folder, name, "__manifest__.py"), encoding="utf-8") as file:
                    manifest = ast.literal_eval(file.read())
            except (OSError, SyntaxError, ValueError):
                continue
            if manifest.get("installable", True):
                depends = manifest.get("depends") or ([] if name == "base" else ["base"])
                yield name, sorted(depends)


print(json.dumps(dict(sorted(modules()))))
