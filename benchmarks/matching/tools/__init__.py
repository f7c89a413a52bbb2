"""Tools that compute data of the package from outside sources; nothing of it runs with the package."""
