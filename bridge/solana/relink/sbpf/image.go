package sbpf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spaolacci/murmur3"
)

// Version is a version of sBPF.
type Version int

// The versions that Link makes.
const (
	V0 Version = 0 // dynamic: what every runtime takes, until SIMD-0500 stops its deployment
	V3 Version = 3 // static
)

// ErrVersion is what Link fails with for other versions.
var ErrVersion = errors.New("no such version of sBPF")

const (
	headerBytes        = 64
	programHeaderBytes = 56
	sectionHeaderBytes = 64
	symbolBytes        = 24
	machineSBPF        = 247
	programStart       = 1 << 32 // where the machine maps the image of version 0, and the text of version 3
)

// Link returns the image of the program. It fails with ErrVersion.
func (o *Object) Link(v Version) ([]byte, error) {
	switch v {
	case V3:
		return o.static(), nil
	case V0:
		return o.dynamic(), nil
	}
	return nil, fmt.Errorf("%w: %d, only 0 and 3", ErrVersion, v)
}

// place returns text and rodata with the addresses that they have when rodata begins at base.
func (o *Object) place(base uint64) (text, rodata []byte) {
	text, rodata = slices.Clone(o.text), slices.Clone(o.rodata)
	for _, r := range o.loads {
		address := base + r.target
		binary.LittleEndian.PutUint32(text[r.at+4:], uint32(address))
		binary.LittleEndian.PutUint32(text[r.at+instructionBytes+4:], uint32(address>>32))
	}
	for _, r := range o.data {
		binary.LittleEndian.PutUint64(rodata[r.at:], base+r.target)
	}
	return text, rodata
}

// static makes an image of version 3: two segments, read-only data at 0 and text at 1<<32, and no sections.
func (o *Object) static() []byte {
	text, rodata := o.place(0)
	for _, c := range o.calls {
		text[c.at+1] &= 0x0f // source 0 is a syscall
		binary.LittleEndian.PutUint32(text[c.at+4:], murmur3.Sum32([]byte(c.name)))
	}
	const start = headerBytes + 2*programHeaderBytes
	w := writer{}
	w.header(elf.Header64{Flags: uint32(V3), Entry: programStart + o.entry, Phnum: 2})
	w.segment(elf.PT_LOAD, elf.PF_R, start, 0, len(rodata))
	w.segment(elf.PT_LOAD, elf.PF_X, start+uint64(len(rodata)), programStart, len(text))
	w.Write(rodata)
	w.Write(text)
	return w.Bytes()
}

// dynamic makes an image of version 0: a shared object whose addresses are offsets in the file, with a relocation for each syscall.
func (o *Object) dynamic() []byte {
	const start = headerBytes + 3*programHeaderBytes
	rodataAt := start + uint64(len(o.text))
	text, rodata := o.place(programStart + rodataAt)

	names := strings.Builder{}
	names.WriteByte(0)
	symbols, relocations := make([]byte, symbolBytes), []byte{}
	indices := map[string]uint64{}
	calls := slices.Clone(o.calls)
	slices.SortFunc(calls, func(a, b syscall) int { return int(a.at) - int(b.at) })
	for _, c := range calls {
		text[c.at+1] = text[c.at+1]&0x0f | callLocal<<4
		binary.LittleEndian.PutUint32(text[c.at+4:], 0xffffffff)
		index, known := indices[c.name]
		if !known {
			index = uint64(len(indices) + 1)
			indices[c.name] = index
			symbol := make([]byte, symbolBytes)
			binary.LittleEndian.PutUint32(symbol, uint32(names.Len()))
			symbol[4] = byte(elf.STB_GLOBAL) << 4
			symbols = append(symbols, symbol...)
			names.WriteString(c.name + "\x00")
		}
		relocations = binary.LittleEndian.AppendUint64(relocations, start+c.at)
		relocations = binary.LittleEndian.AppendUint64(relocations, index<<32|relocCall)
	}
	strings := padded([]byte(names.String()))

	const dynamicBytes = 9 * 16
	dynamicAt := rodataAt + uint64(len(rodata))
	symbolsAt := dynamicAt + dynamicBytes
	stringsAt := symbolsAt + uint64(len(symbols))
	relocationsAt := stringsAt + uint64(len(strings))
	namesAt := relocationsAt + uint64(len(relocations))
	sectionNames := padded([]byte("\x00.text\x00.rodata\x00.dynamic\x00.dynsym\x00.dynstr\x00.rel.dyn\x00.shstrtab\x00"))
	sectionsAt := namesAt + uint64(len(sectionNames))

	w := writer{names: sectionNames}
	w.header(elf.Header64{Entry: start + o.entry, Phnum: 3, Shoff: sectionsAt, Shnum: 8, Shstrndx: 7})
	w.segment(elf.PT_LOAD, elf.PF_R|elf.PF_X, start, start, len(text)+len(rodata))
	w.segment(elf.PT_LOAD, elf.PF_R, dynamicAt, dynamicAt, int(namesAt-dynamicAt))
	w.segment(elf.PT_DYNAMIC, elf.PF_R, dynamicAt, dynamicAt, dynamicBytes)
	w.Write(text)
	w.Write(rodata)
	w.put([]elf.Dyn64{
		{Tag: int64(elf.DT_FLAGS), Val: uint64(elf.DF_TEXTREL)},
		{Tag: int64(elf.DT_REL), Val: relocationsAt},
		{Tag: int64(elf.DT_RELSZ), Val: uint64(len(relocations))},
		{Tag: int64(elf.DT_RELENT), Val: relocationBytes},
		{Tag: int64(elf.DT_SYMTAB), Val: symbolsAt},
		{Tag: int64(elf.DT_SYMENT), Val: symbolBytes},
		{Tag: int64(elf.DT_STRTAB), Val: stringsAt},
		{Tag: int64(elf.DT_STRSZ), Val: uint64(len(strings))},
		{Tag: int64(elf.DT_NULL)},
	})
	w.Write(symbols)
	w.Write(strings)
	w.Write(relocations)
	w.Write(sectionNames)
	w.put(elf.Section64{})
	w.section(".text", elf.Section64{Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR), Off: start, Size: uint64(len(text))})
	w.section(".rodata", elf.Section64{Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC), Off: rodataAt, Size: uint64(len(rodata))})
	w.section(".dynamic", elf.Section64{Type: uint32(elf.SHT_DYNAMIC), Flags: uint64(elf.SHF_ALLOC), Off: dynamicAt, Size: dynamicBytes, Link: 5, Entsize: 16})
	w.section(".dynsym", elf.Section64{Type: uint32(elf.SHT_DYNSYM), Flags: uint64(elf.SHF_ALLOC), Off: symbolsAt, Size: uint64(len(symbols)), Link: 5, Info: 1, Entsize: symbolBytes})
	w.section(".dynstr", elf.Section64{Type: uint32(elf.SHT_STRTAB), Flags: uint64(elf.SHF_ALLOC), Off: stringsAt, Size: uint64(len(strings))})
	w.section(".rel.dyn", elf.Section64{Type: uint32(elf.SHT_REL), Flags: uint64(elf.SHF_ALLOC), Off: relocationsAt, Size: uint64(len(relocations)), Link: 4, Entsize: relocationBytes})
	w.section(".shstrtab", elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: namesAt, Size: uint64(len(sectionNames))})
	return w.Bytes()
}

// writer writes ELF structures.
type writer struct {
	bytes.Buffer
	names []byte // of sections
}

func (w *writer) put(structure any) {
	raw, err := binary.Append(nil, binary.LittleEndian, structure)
	if err != nil {
		panic(err) // the structures here have a fixed size
	}
	w.Write(raw)
}

// header fills in what the headers of both versions share.
func (w *writer) header(h elf.Header64) {
	h.Ident = [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}
	h.Type, h.Machine, h.Version = uint16(elf.ET_DYN), machineSBPF, uint32(elf.EV_CURRENT)
	h.Phoff, h.Ehsize, h.Phentsize, h.Shentsize = headerBytes, headerBytes, programHeaderBytes, sectionHeaderBytes
	w.put(h)
}

func (w *writer) segment(kind elf.ProgType, flags elf.ProgFlag, offset, address uint64, size int) {
	w.put(elf.Prog64{
		Type: uint32(kind), Flags: uint32(flags), Off: offset, Vaddr: address, Paddr: address,
		Filesz: uint64(size), Memsz: uint64(size), Align: 0x1000,
	})
}

// section writes a section header; addresses are offsets, and alignment is 8.
func (w *writer) section(name string, s elf.Section64) {
	s.Name = uint32(bytes.Index(w.names, []byte("\x00"+name+"\x00")) + 1)
	s.Addr, s.Addralign = s.Off, 8
	w.put(s)
}
