// Package bridgesign lets a validator sign bridge checkpoints (paper section 10.1). Ring is the keys of the node, in a file of their
// own. Source signs the newest checkpoint in committed state and says so in the validator's vote extensions until state shows the
// signature: it signs nothing but what this node itself has committed. Handler applies such a section of anybody's extension to state.
package bridgesign
