SELECT erase_texts($1)
