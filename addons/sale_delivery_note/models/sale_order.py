from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    delivery_note = fields.Text(
        help="What whoever delivers this order should know, such as the code of a gate. Customers do not see it.",
        tracking=True,
    )
