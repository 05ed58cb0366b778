"""Any text at all, with the characters that break programs far more often than chance would have them."""

from hypothesis import strategies as st

BREAKERS = "\ud800\udfff\r\n\t\0\x1b\x85\u2028\u202e\u2069\ufeff[]/\\“\"'"

hostile_text = st.text(st.sampled_from(BREAKERS) | st.characters())
