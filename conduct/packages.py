"""The two packages a trading system hands over (招标包, 开标包): checked whole before anything of them counts.

A package is a ZIP with `package.json`, its detached CMS and the files it lists (docs/package-format.md).
"""
