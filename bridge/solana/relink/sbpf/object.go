package sbpf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// MaxObjectBytes bounds what Parse reads: a program's account holds no more than 10 MiB.
	MaxObjectBytes = 10 << 20

	entrypoint       = "entrypoint"
	instructionBytes = 8
	relocationBytes  = 16

	opLoadAddress = 0x18 // lddw, two instructions long
	opCall        = 0x85
	callLocal     = 1 // source register of a call within the program
)

// Relocation types of eBPF, as in llvm/BinaryFormat/ELFRelocs/BPF.def.
const (
	relocAddress = 1  // R_BPF_64_64: the address in a lddw
	relocPointer = 2  // R_BPF_64_ABS64: 8 bytes of data that are an address
	relocCall    = 10 // R_BPF_64_32: the target of a call
)

// ErrObject is what Parse fails with.
var ErrObject = errors.New("not an object this can link")

// Object is a program as the compiler left it: instructions, read-only data, and the places that depend on where these will lie.
type Object struct {
	text   []byte
	rodata []byte
	entry  uint64 // offset in text
	calls  []syscall
	loads  []reference // lddw in text
	data   []reference // addresses in rodata
}

// syscall is a call instruction at an offset in text.
type syscall struct {
	at   uint64
	name string
}

// reference is a place that holds the address of an offset in rodata.
type reference struct {
	at     uint64
	target uint64
}

// Parse reads an object. It fails with ErrObject if it is not one of eBPF, has no entrypoint, writable data, or code outside .text.
func Parse(raw []byte) (*Object, error) {
	if len(raw) > MaxObjectBytes {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrObject, len(raw), MaxObjectBytes)
	}
	if err := checkExtents(raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrObject, err)
	}
	file, err := elf.NewFile(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrObject, err)
	}
	if file.Type != elf.ET_REL || file.Machine != elf.EM_BPF || file.Class != elf.ELFCLASS64 || file.ByteOrder != binary.LittleEndian {
		return nil, fmt.Errorf("%w: expected a relocatable eBPF object of 64 bits, little-endian, got %v for %v", ErrObject, file.Type, file.Machine)
	}
	symbols, err := file.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%w: symbols: %w", ErrObject, err)
	}
	p := parser{file: file, symbols: symbols, text: -1, offsets: map[elf.SectionIndex]uint64{}}
	if err := p.read(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrObject, err)
	}
	return &p.object, nil
}

// checkExtents checks that the sections that the headers name lie within the file, so that nothing is allocated for what is not there.
// What is no ELF of 64 bits passes: debug/elf says so better.
func checkExtents(raw []byte) error {
	if len(raw) < headerBytes || raw[elf.EI_CLASS] != byte(elf.ELFCLASS64) {
		return nil
	}
	size := uint64(len(raw))
	headers, count := binary.LittleEndian.Uint64(raw[40:]), uint64(binary.LittleEndian.Uint16(raw[60:]))
	if headers > size || count*sectionHeaderBytes > size-headers {
		return fmt.Errorf("%d section headers at %d of %d bytes: unexpected EOF", count, headers, size)
	}
	for i := range count {
		header := raw[headers+i*sectionHeaderBytes:]
		kind := elf.SectionType(binary.LittleEndian.Uint32(header[4:]))
		at, length := binary.LittleEndian.Uint64(header[24:]), binary.LittleEndian.Uint64(header[32:])
		if kind != elf.SHT_NOBITS && (at > size || length > size-at) {
			return fmt.Errorf("section %d has %d bytes at %d of %d: unexpected EOF", i, length, at, size)
		}
	}
	return nil
}

type parser struct {
	object  Object
	file    *elf.File
	symbols []elf.Symbol
	text    int                         // index of .text
	offsets map[elf.SectionIndex]uint64 // of read-only sections in rodata
}

func (p *parser) read() error {
	for i, s := range p.file.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Size == 0 {
			continue
		}
		if err := p.section(i, s); err != nil {
			return err
		}
	}
	if p.text < 0 {
		return errors.New("no .text")
	}
	p.object.rodata = padded(p.object.rodata)
	if err := p.findEntry(); err != nil {
		return err
	}
	for _, s := range p.file.Sections {
		if s.Type == elf.SHT_RELA { //nolint:misspell // ELF's name
			return fmt.Errorf("section %s: relocations with addends", s.Name)
		}
		if s.Type != elf.SHT_REL {
			continue
		}
		if s.Flags&elf.SHF_COMPRESSED != 0 {
			return fmt.Errorf("section %s: compressed", s.Name)
		}
		if err := p.relocations(s); err != nil {
			return fmt.Errorf("section %s: %w", s.Name, err)
		}
	}
	return nil
}

func (p *parser) section(i int, s *elf.Section) error {
	if s.Type != elf.SHT_PROGBITS || s.Flags&(elf.SHF_WRITE|elf.SHF_COMPRESSED) != 0 {
		return fmt.Errorf("section %s: writable, compressed or empty data cannot be linked", s.Name)
	}
	data, err := s.Data()
	if err != nil {
		return fmt.Errorf("section %s: %w", s.Name, err)
	}
	if s.Flags&elf.SHF_EXECINSTR == 0 {
		p.object.rodata = padded(p.object.rodata)
		p.offsets[elf.SectionIndex(i)] = uint64(len(p.object.rodata))
		p.object.rodata = append(p.object.rodata, data...)
		return nil
	}
	if s.Name != ".text" || p.text >= 0 || len(data)%instructionBytes != 0 {
		return fmt.Errorf("section %s: expected one section of code, .text, of whole instructions", s.Name)
	}
	p.text, p.object.text = i, data
	return nil
}

func (p *parser) findEntry() error {
	for _, s := range p.symbols {
		if s.Name == entrypoint && int(s.Section) == p.text {
			if s.Value%instructionBytes != 0 || s.Value >= uint64(len(p.object.text)) {
				return fmt.Errorf("symbol %s lies at %d, not at an instruction", entrypoint, s.Value)
			}
			p.object.entry = s.Value
			return nil
		}
	}
	return fmt.Errorf("no symbol %s in .text", entrypoint)
}

func (p *parser) relocations(s *elf.Section) error {
	base, isData := p.offsets[elf.SectionIndex(s.Info)]
	isText := int(s.Info) == p.text
	if !isData && !isText {
		return nil // of sections that are not loaded
	}
	raw, err := s.Data()
	if err != nil {
		return err
	}
	if len(raw)%relocationBytes != 0 {
		return fmt.Errorf("%d bytes, not a multiple of %d", len(raw), relocationBytes)
	}
	for ; len(raw) > 0; raw = raw[relocationBytes:] {
		at, info := binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[8:])
		index := info >> 32
		if index == 0 || index > uint64(len(p.symbols)) {
			return fmt.Errorf("relocation at %d names symbol %d of %d", at, index, len(p.symbols))
		}
		kind, symbol := uint32(info), p.symbols[index-1]
		switch {
		case isText && kind == relocAddress:
			err = p.load(at, symbol)
		case isText && kind == relocCall:
			err = p.call(at, symbol)
		case isData && kind == relocPointer:
			err = p.pointer(base, at, symbol)
		default:
			err = fmt.Errorf("type %d is not known here", kind)
		}
		if err != nil {
			return fmt.Errorf("relocation at %d against %q: %w", at, symbol.Name, err)
		}
	}
	return nil
}

// load notes a lddw; its immediate is the addend.
func (p *parser) load(at uint64, symbol elf.Symbol) error {
	text := p.object.text
	if at%instructionBytes != 0 || at >= uint64(len(text)) || uint64(len(text))-at < 2*instructionBytes || text[at] != opLoadAddress {
		return errors.New("no lddw there")
	}
	target, err := p.target(symbol, uint64(binary.LittleEndian.Uint32(text[at+4:])))
	if err != nil {
		return err
	}
	p.object.loads = append(p.object.loads, reference{at, target})
	return nil
}

// pointer notes an address in read-only data; the 8 bytes there are the addend.
func (p *parser) pointer(base, at uint64, symbol elf.Symbol) error {
	size := uint64(len(p.object.rodata))
	if at > size || base+at > size || size-base-at < 8 {
		return errors.New("lies outside the data")
	}
	at += base
	target, err := p.target(symbol, binary.LittleEndian.Uint64(p.object.rodata[at:]))
	if err != nil {
		return err
	}
	p.object.data = append(p.object.data, reference{at, target})
	return nil
}

// target returns where in rodata a symbol and an addend point.
func (p *parser) target(symbol elf.Symbol, addend uint64) (uint64, error) {
	base, ok := p.offsets[symbol.Section]
	if !ok {
		return 0, errors.New("points outside read-only data")
	}
	size := uint64(len(p.object.rodata))
	if symbol.Value > size || addend > size || base+symbol.Value+addend > size {
		return 0, fmt.Errorf("points to %d+%d+%d, behind the %d bytes of read-only data", base, symbol.Value, addend, size)
	}
	return base + symbol.Value + addend, nil
}

// call notes a syscall, and resolves a call of a function of the program: the immediate counts instructions from the next one.
func (p *parser) call(at uint64, symbol elf.Symbol) error {
	text := p.object.text
	if at%instructionBytes != 0 || at >= uint64(len(text)) || text[at] != opCall {
		return errors.New("no call there")
	}
	if symbol.Section == elf.SHN_UNDEF {
		if symbol.Name == "" || len(symbol.Name) > 64 {
			return fmt.Errorf("a syscall's name has 1 to 64 bytes, not %d", len(symbol.Name))
		}
		p.object.calls = append(p.object.calls, syscall{at, symbol.Name})
		return nil
	}
	if int(symbol.Section) != p.text {
		return errors.New("calls something outside .text")
	}
	instructions := int64(len(text) / instructionBytes)
	addend := int64(int32(binary.LittleEndian.Uint32(text[at+4:])))
	if symbol.Value > uint64(len(text)) {
		return fmt.Errorf("calls offset %d of %d bytes", symbol.Value, len(text))
	}
	target := int64(symbol.Value)/instructionBytes + addend + 1
	if target < 0 || target >= instructions {
		return fmt.Errorf("calls instruction %d of %d", target, instructions)
	}
	text[at+1] = text[at+1]&0x0f | callLocal<<4
	binary.LittleEndian.PutUint32(text[at+4:], uint32(target-int64(at/instructionBytes)-1))
	return nil
}

// padded fills up to a multiple of 8 bytes.
func padded(b []byte) []byte {
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	return b
}
