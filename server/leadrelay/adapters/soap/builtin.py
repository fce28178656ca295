"""Schemas that many WSDLs import from addresses which are slow, gone, or answer with pages.

They say what the parser has to know of these namespaces, and no more. The encoding imports itself, because
the parser would look for it on the network where a document does not import it, even here.
"""

XML = "http://www.w3.org/XML/1998/namespace"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
PLACES = {XML: "/xml.xsd", ENCODING: "/encoding.xsd"}  # where the parser is told to find them

_XML_SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{XML}">
<xs:attribute name="lang" type="xs:string"/><xs:attribute name="space" type="xs:string"/>
<xs:attribute name="base" type="xs:anyURI"/><xs:attribute name="id" type="xs:ID"/>
<xs:attributeGroup name="specialAttrs"><xs:attribute ref="xml:base"/><xs:attribute ref="xml:lang"/>
<xs:attribute ref="xml:space"/><xs:attribute ref="xml:id"/></xs:attributeGroup>
</xs:schema>""".encode()

_SIMPLE = (
    *("string", "boolean", "decimal", "float", "double", "integer", "long", "int", "short", "byte"),
    *("date", "dateTime", "time", "duration", "anyURI", "base64Binary", "hexBinary"),
)
_ENCODING_SCHEMA = (
    f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{ENCODING}"
targetNamespace="{ENCODING}"><xs:import namespace="{ENCODING}" schemaLocation="{PLACES[ENCODING]}"/>
<xs:attribute name="arrayType" type="xs:string"/><xs:attribute name="offset" type="xs:string"/>
<xs:attributeGroup name="arrayAttributes"><xs:attribute ref="t:arrayType"/><xs:attribute ref="t:offset"/>
</xs:attributeGroup>
<xs:attributeGroup name="commonAttributes"><xs:attribute name="id" type="xs:ID"/>
<xs:attribute name="href" type="xs:anyURI"/></xs:attributeGroup>
<xs:group name="Array"><xs:sequence><xs:any namespace="##any" minOccurs="0" maxOccurs="unbounded"
processContents="lax"/></xs:sequence></xs:group>
<xs:complexType name="Array"><xs:group ref="t:Array" minOccurs="0"/>
<xs:attributeGroup ref="t:arrayAttributes"/>
<xs:attributeGroup ref="t:commonAttributes"/></xs:complexType>"""
    + "".join(
        f'<xs:complexType name="{name}"><xs:simpleContent><xs:extension base="xs:{name}">'
        '<xs:attributeGroup ref="t:commonAttributes"/></xs:extension></xs:simpleContent></xs:complexType>'
        for name in _SIMPLE
    )
    + "</xs:schema>"
).encode()

BUILTIN = {PLACES[XML]: _XML_SCHEMA, PLACES[ENCODING]: _ENCODING_SCHEMA}
