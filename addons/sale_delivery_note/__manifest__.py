{
    "name": "Sales Delivery Note",
    "summary": "What whoever delivers a sales order should know",
    "description": """
Adds a delivery note to quotations and sales orders: the code of a gate, opening hours, whom to ask for. It is a free text
in the order's form, an optional column and a search filter in lists, and it is copied with the order.
""",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "odoo-stacks",
    "license": "LGPL-3",
    "depends": ["sale_management"],
    "data": ["views/sale_order_views.xml"],
}
