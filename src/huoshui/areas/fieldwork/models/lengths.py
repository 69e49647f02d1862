"""How long codes and names are."""

# The longest state, kind and result codes are well below this.
CODE_LENGTH = 40
NAME_LENGTH = 80
ASSET_LENGTH = 64
