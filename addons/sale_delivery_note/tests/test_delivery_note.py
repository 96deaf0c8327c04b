from odoo.tests import Form, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDeliveryNote(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Azure Interior"})

    def test_note_is_entered_in_the_form_and_kept(self):
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.partner
            form.delivery_note = "Gate code 1234"
        self.assertEqual(form.record.delivery_note, "Gate code 1234")

    def test_note_is_copied_with_the_order(self):
        order = self.env["sale.order"].create({"partner_id": self.partner.id, "delivery_note": "Ring twice"})
        self.assertEqual(order.copy().delivery_note, "Ring twice")

    def test_orders_are_found_by_their_note(self):
        orders = self.env["sale.order"].create(
            [
                {"partner_id": self.partner.id, "delivery_note": "Ring twice"},
                {"partner_id": self.partner.id},
            ]
        )
        found = self.env["sale.order"].search([("id", "in", orders.ids), ("delivery_note", "ilike", "twice")])
        self.assertEqual(found, orders[0])

    def test_note_is_in_the_list_and_the_search(self):
        for view_type in ("list", "search"):
            arch = self.env["sale.order"].get_view(view_type=view_type)["arch"]
            self.assertIn('name="delivery_note"', arch)
