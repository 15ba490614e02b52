// Package index finds pinned manifests by what they say: by tag, owner, time, size, content type, root and manifest. It
// serves QUERY of section 6.2 of the specification paper, by the skip lists of section 5.3.
//
// What is durable are the pins in the store; the Index is made from them when a node starts and is told of each change by
// the data engine. It holds one record a manifest and, in skip lists, one key for each way to find it:
//
//	time      time, manifest
//	size      size, manifest
//	tag       "key=value", time, manifest       one for each tag
//	owner     owner, time, manifest
//	type      content type, time, manifest
//	root      root, time, manifest
//	manifest  manifest
//
// A query is planned: ranges of these lists are chosen that cover its filter, the smallest ones for AND, the union for OR.
// How many keys a range has is estimated from the upper levels of the skip list. When the answers are wanted in the order
// of a list and come so often that few of its keys have to be looked at, that list is walked instead; otherwise the
// manifests of the ranges are filtered and sorted.
//
// Changes are numbered. A query looks at the state after the last change that was complete when it began: a manifest and
// the one that it supersedes change together. Only what is removed while a query runs may be missing from it.
package index
