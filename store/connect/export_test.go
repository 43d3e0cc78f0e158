package connect

// Any is any.
func (v *Value) Any() any { return v.any() }
