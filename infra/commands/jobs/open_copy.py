"""Starts Odoo on a copy and asks for the login page: a copy that does not answer is not one to switch to.

Runs inside the Odoo image, with {"odooConf": text, "withinSeconds": number} as JSON on standard input and, where
the server's certificate is checked, "trust": certificates as PEM. Prints
{"seconds": how long the first answer took} when the page came with status 200; else it ends with the end of Odoo's log.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

CONFIG = "/dev/shm/odoo.conf"
TRUST = "/dev/shm/database.pem"
PAGE = "http://127.0.0.1:8069/web/login"
LOADING_SECONDS = 60


def ask():
    """Status of the login page; None while nobody answers."""
    try:
        with urllib.request.urlopen(PAGE, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def main():
    settings = json.load(sys.stdin)
    with open(os.open(CONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as config:
        config.write(settings["odooConf"])
    if settings.get("trust"):
        with open(TRUST, "w") as certificates:
            certificates.write(settings["trust"])
        os.environ["PGSSLROOTCERT"] = TRUST
    start = time.monotonic()
    with open("/tmp/odoo.log", "w+") as log:
        odoo = subprocess.Popen(["odoo", "server", "--config", CONFIG], stdout=log, stderr=log)
        status = None
        deadline = start + settings["withinSeconds"]
        while status != 200 and odoo.poll() is None and time.monotonic() < deadline:
            answer = ask()
            # The first may come while Odoo still loads its modules; what it says after that counts.
            if answer is not None and status is None:
                deadline = min(deadline, time.monotonic() + LOADING_SECONDS)
            status = answer or status
            time.sleep(0.1)
        seconds = time.monotonic() - start
        odoo.terminate()
        try:
            odoo.wait(20)
        except subprocess.TimeoutExpired:
            odoo.kill()
        if status != 200:
            log.seek(0)
            print("".join(log.readlines()[-15:]), file=sys.stderr)
            raise SystemExit(f"The login page was answered with {status or 'nothing'}.")
    json.dump({"seconds": seconds}, sys.stdout)


main()
