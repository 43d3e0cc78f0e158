package copydb

// SetCopyRows sets the number of rows in a batch.
func SetCopyRows(n int) { copyRows = n }
