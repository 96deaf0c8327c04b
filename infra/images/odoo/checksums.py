"""What is in this image's modules, as checksums: a release upgrades the modules whose checksum differs from the database's.

Run while the image is built: `checksums.py odoo` takes Odoo's own modules, `checksums.py own FOLDER…` adds the user's. The
result is in `/opt/odoo/checksums.json`: name → {version, depends, own, checksums}. The checksum named "" is of what an
upgrade reads, whatever the language; each other one is of the translations into the language it is named after.

Left out is what no upgrade reads: tests, documentation, templates for translators, and files that Odoo serves as they are
(`static/`) unless a data file names them; a page's scripts and styles are made anew when their files change.
"""

import ast
import concurrent.futures
import hashlib
import importlib.util
import json
import os
import re
import sys

FILE = "/opt/odoo/checksums.json"
UNREAD_FOLDERS = {"static", "tests", "doc", "docs", "readme"}
UNREAD_FILES = re.compile(r"\.(?:py[co]|pot|md|rst)$|~$|^\.")
TRANSLATIONS = {"i18n", "i18n_extra"}
# Files that are loaded into the database: <field file="sale/static/img/a.png"/>, <menuitem web_icon="sale,static/b.png"/>
NAMED = re.compile(rb"""\b(?:file|web_icon)\s*=\s*["']([\w./-]+[,/]static/[^"']+)["']""")


def files_below(folder):
    """Paths of the files that may count, relative to the folder, sorted."""
    found = []
    for root, folders, names in os.walk(folder):
        at_top = root == folder
        folders[:] = [
            name for name in folders
            if name != "__pycache__" and not name.startswith(".") and not (at_top and name in UNREAD_FOLDERS)
        ]
        prefix = os.path.relpath(root, folder)
        found += [os.path.normpath(os.path.join(prefix, name)) for name in names if not UNREAD_FILES.search(name)]
    return sorted(found)


def language_of(path):
    """The language that a file translates into, without its country, or "": `i18n/fr_BE.po` is French."""
    folder, name = os.path.split(path)
    return re.split(r"[_@.]", name)[0] if folder in TRANSLATIONS and name.endswith(".po") else ""


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""  # a link to a file that another package would bring


def describe(folder, own):
    """A module's entry, or None where the folder is no module that can be installed."""
    try:
        manifest = ast.literal_eval(read(os.path.join(folder, "__manifest__.py")).decode())
    except (SyntaxError, ValueError):
        return None
    if not manifest.get("installable", True):
        return None
    name = os.path.basename(folder)
    hashes, named = {"": hashlib.sha256()}, set()

    def add(language, path, content):
        digest = hashes.setdefault(language, hashlib.sha256())
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)

    for path in files_below(folder):
        content = read(os.path.join(folder, path))
        add(language_of(path), path, content)
        if path.endswith(".xml"):
            named.update(match.decode().replace(",", "/") for match in NAMED.findall(content))
    # Data files may lie in a folder that is left out otherwise.
    listed = [path for key in ("data", "demo") for path in manifest.get(key) or []]
    for path in sorted({f"{name}/{path}" for path in listed if path.split("/")[0] in UNREAD_FOLDERS} | named):
        add("", path, read(os.path.join(os.path.dirname(folder), path)))
    return {
        "version": canonical(manifest.get("version", "1.0")),
        "depends": sorted(manifest.get("depends") or ([] if name == "base" else ["base"])),
        "own": own,
        "checksums": {language: digest.hexdigest()[:16] for language, digest in sorted(hashes.items())},
    }


def canonical(version):
    """A version as Odoo keeps it in the database (odoo/modules/module.py)."""
    from odoo.modules.module import adapt_version

    return adapt_version(version)
