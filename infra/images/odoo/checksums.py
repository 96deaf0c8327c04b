"""What is in this image's modules, as checksums: a release upgrades the modules whose checksum differs from the database's.

Run while the image is built: `checksums.py odoo` takes Odoo's own modules, `checksums.py own` adds the user's, in the
folders of `ODOO_ADDONS_PATH`. The result is `/opt/odoo/checksums.json`: name → {version, depends, own, checksums}. The
checksum named "" is of what an upgrade reads, whatever the language; each other one is of the translations into the
language that it is named after.

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
    """A version as Odoo keeps it in the database (adapt_version in odoo/modules/module.py)."""
    from odoo.release import major_version

    return version if version.startswith(major_version) or version.count(".") > 2 else f"{major_version}.{version}"


def folders_of_odoo():
    """The folders with Odoo's own modules."""
    for root in importlib.util.find_spec("odoo").submodule_search_locations:
        yield os.path.join(root, "addons")
    spec = importlib.util.find_spec("odoo.addons")
    yield from spec.submodule_search_locations if spec else ()


def modules_in(folders):
    """Folder of each module by name. Where two have the same name, the first is the one that Odoo takes."""
    found = {}
    for folder in filter(os.path.isdir, folders):
        for name in os.listdir(folder):
            if os.path.isfile(os.path.join(folder, name, "__manifest__.py")):
                found.setdefault(name, os.path.join(folder, name))
    return found


def main():
    own = sys.argv[1] == "own"
    known = {}
    if own:
        with open(FILE) as file:
            known = json.load(file)
    folders = os.environ.get("ODOO_ADDONS_PATH", "").split(",") if own else folders_of_odoo()
    found = {name: path for name, path in modules_in(folders).items() if name not in known}
    with concurrent.futures.ProcessPoolExecutor() as pool:
        entries = pool.map(describe, found.values(), [own] * len(found), chunksize=8)
        known.update((name, entry) for name, entry in zip(found, entries) if entry)
    os.makedirs(os.path.dirname(FILE), exist_ok=True)
    with open(FILE, "w") as file:
        json.dump(known, file, sort_keys=True)


if __name__ == "__main__":
    main()
