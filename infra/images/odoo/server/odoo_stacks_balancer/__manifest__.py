{
    "name": "Behind a load balancer",
    "version": "1.0",
    "author": "odoo-stacks",
    "license": "LGPL-3",
    "depends": ["base"],
    # Loaded by the server itself, for all databases; there is nothing to install.
    "installable": False,
}
