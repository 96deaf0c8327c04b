"""Has Odoo see who asks where a load balancer stands before the proxy.

Each of the two writes its client's address at the end of `X-Forwarded-For`; Odoo takes the last one (`ProxyFix` in
odoo/http.py), which would be the balancer's for everybody: in the log, in sessions, and where failed logins are counted.
"""

import functools

import odoo.http

odoo.http.ProxyFix = functools.partial(odoo.http.ProxyFix, x_for=2)
