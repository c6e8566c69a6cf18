"""How stages move along: one flow a stage, and the periodic ones. The only code that imports prefect."""
