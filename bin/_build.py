"""usage: bin/build

Builds static/dist/ from the style sheets, the scripts and the letter editor.
"""
