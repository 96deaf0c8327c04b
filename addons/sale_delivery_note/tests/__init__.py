from . import test_delivery_note
