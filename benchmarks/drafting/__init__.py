"""How well `datapool contracts new` drafts the contracts of the sample exports when it does not see them."""
