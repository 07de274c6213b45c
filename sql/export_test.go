package sql

// Fingerprint is what a build of the model alone would remember.
func (r *Runner) Fingerprint(model string) string { return r.fingerprint(model).String() }
