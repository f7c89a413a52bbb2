"""The matchers that are compared; each but ours runs in an environment of its own."""
