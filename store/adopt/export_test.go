package adopt

// OwnColumns is ownColumns.
var OwnColumns = ownColumns
