"""How stages move along: one flow per stage, and the periodic ones. The only code that imports prefect."""
