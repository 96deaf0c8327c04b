{
    "name": "Behind a load balancer",
    "version": "1.0",
    "license": "LGPL-3",
    "depends": ["base"],
    # Loaded by the server itself, for all databases; there is nothing to install.
    "installable": False,
}
