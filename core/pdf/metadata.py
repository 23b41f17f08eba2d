"""XMP metadata: the claim to PDF/UA-1 beside the one to PDF/A-3a that WeasyPrint writes itself."""

from __future__ import annotations

from typing import Any

# PDF/A allows a property outside its own list only with a description of its schema (ISO 19005-3, 6.6.2.3).
_PDFUA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
_END = b"</rdf:RDF>"


def claim_pdfua(metadata: Any) -> None:
    """Have this document's metadata claim PDF/UA-1 too; WeasyPrint writes the claim of one variant only."""
    generate = metadata.generate_rdf_metadata

    def with_claim(*variant: object, **options: object) -> bytes:
        rdf: bytes = generate(*variant, **options)
        head, end, tail = rdf.rpartition(_END)
        return head + _PDFUA + end + tail

    metadata.generate_rdf_metadata = with_claim
