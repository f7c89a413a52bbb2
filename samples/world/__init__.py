"""The invented world behind the exports: addresses, people, households, organisations and what happens to them."""
