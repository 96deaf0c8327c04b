"""Runs modules' own tests and prints how each went. Runs inside the Odoo image, with its settings as JSON on standard
input, on a copy of an environment's database that is thrown away afterwards.

Odoo's log goes to standard error as it is. What it says of tests is for people: which test ran, how long and how it ended
is taken from Odoo's own test results instead (odoo/tests/result.py).
"""

import configparser
import json
import os
import sys
import time

import psycopg2

CONFIG = "/dev/shm/odoo.conf"
CHECKSUMS = "/opt/odoo/checksums.json"

tests = {}


def connect(conf):
    """Connects as Odoo does."""
    parser = configparser.RawConfigParser()
    parser.read_string(conf)
    option = parser["options"]
    return psycopg2.connect(
        host=option["db_host"],
        port=option["db_port"],
        user=option["db_user"],
        password=option["db_password"],
        dbname=option["db_name"],
        connect_timeout=30,
    )


def installed(connection):
    """Names of the installed modules."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ir_module_module WHERE state IN ('installed', 'to upgrade')")
        return {name for (name,) in cursor.fetchall()}


def changed(connection, image):
    """Installed modules whose content differs from what the database was last upgraded with: a release upgrades them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM ir_config_parameter WHERE key = 'odoo_stacks.module_checksums'")
        row = cursor.fetchone()
    return {
        name
        for name, known in json.loads(row[0] if row else "{}").items()
        if name in image and any(image[name]["checksums"].get(part) != value for part, value in known.items())
    }


def entry(test):
    """What is known of a test; the parts of one that is made of several count as that one."""
    while getattr(test, "test_case", None):
        test = test.test_case
    name = test.id()
    # odoo.addons.sale.tests.test_sale.TestSale.test_total; `setUpClass (odoo.addons…TestSale)` when that fails.
    suite, _, method = name.rpartition(".") if "(" not in name else (name.split("(")[1].rstrip(")"), "", name.split(" ")[0])
    module = suite.split(".")[2] if suite.startswith("odoo.addons.") else ""
    return tests.setdefault(
        name,
        {"module": module, "suite": suite, "name": method, "seconds": 0, "outcome": "passed", "message": "", "details": ""},
    )


def watch():
    """Has Odoo's test results tell of each test, besides what they do."""
    from odoo.tests.result import OdooTestResult as Result

    begun = {}

    def wrap(name, before):
        original = getattr(Result, name)

        def wrapped(self, test, *rest):
            before(self, test, *rest)
            return original(self, test, *rest)

        setattr(Result, name, wrapped)

    def start(_, test):
        entry(test)
        begun[test.id()] = time.monotonic()

    def stop(_, test):
        entry(test)["seconds"] = round(time.monotonic() - begun[test.id()], 3)

    def fail(outcome):
        def failed(self, test, error):
            # A test that Odoo runs again after a failure has not failed yet.
            if self._soft_fail:
                return
            found = entry(test)
            details = self._exc_info_to_string(error, test)
            found.update(outcome=outcome, message=details.strip().splitlines()[-1], details=found["details"] + details)

        return failed

    wrap("startTest", start)
    wrap("stopTest", stop)
    wrap("addFailure", fail("failed"))
    wrap("addError", fail("error"))
    wrap("addSkip", lambda _, test, reason: entry(test).update(outcome="skipped", message=str(reason)))


def run(modules, upgrade, install):
    """Has Odoo upgrade and install modules and test some of them; returns its exit code."""
    argv = ["odoo", "server", "--config", CONFIG, "--stop-after-init", "--workers", "0", "--max-cron-threads", "0"]
    argv += ["--http-interface", "127.0.0.1", "--test-tags", ",".join(f"/{name}" for name in modules)]
    argv += ["--update", ",".join(upgrade)] if upgrade else []
    argv += ["--init", ",".join(install)] if install else []
    sys.argv = argv
    import odoo.cli

    watch()
    try:
        odoo.cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def main():
    # What modules print must not get into the result.
    result = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settings = json.load(sys.stdin)
    with open(os.open(CONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as config:
        config.write(settings["odooConf"])
    with open(CHECKSUMS) as file:
        image = json.load(file)
    connection = connect(settings["odooConf"])
    there = installed(connection)
    modules = settings["modules"] or sorted(name for name in there if image.get(name, {}).get("own"))
    upgrade = sorted((set(modules) | changed(connection, image)) & there)
    connection.close()
    code = run(modules, upgrade, sorted(set(modules) - there)) if modules else 0
    json.dump({"modules": modules, "exitCode": code, "tests": list(tests.values())}, result)
    result.close()
    # Threads that tests left behind would keep this process.
    os._exit(0)


main()
