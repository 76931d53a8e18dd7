// Judges PDF files by veraPDF's own rules without its JAXB loader: java -cp VERAPDF.jar VeraPdf.java FILE...
// Prints one line a file and profile: "pass|fail PROFILE CHECKS FILE", then the rules that failed.

import java.io.FileInputStream;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.validation.profiles.*;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class VeraPdf {
    static String words(Element of, String name) {
        NodeList found = of.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().trim();
    }

    static ValidationProfile profile(PDFAFlavour flavour, String file) throws Exception {
        Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(Profiles.class.getResourceAsStream("/org/verapdf/pdfa/validation/" + file)).getDocumentElement();
        Set<Rule> rules = new HashSet<>();
        NodeList found = root.getElementsByTagName("rule");
        for (int n = 0; n < found.getLength(); n++) {
            Element rule = (Element) found.item(n);
            Element id = (Element) rule.getElementsByTagName("id").item(0);
            RuleId key = Profiles.ruleIdFromValues(
                PDFAFlavour.Specification.valueOf(id.getAttribute("specification")),
                id.getAttribute("clause"), Integer.parseInt(id.getAttribute("testNumber")));
            Boolean deferred = rule.hasAttribute("deferred") ? Boolean.valueOf(rule.getAttribute("deferred")) : null;
            ErrorDetails error = Profiles.errorFromValues(words(rule, "message"), new ArrayList<>());
            rules.add(Profiles.ruleFromValues(key, rule.getAttribute("object"), deferred, rule.getAttribute("tags"),
                words(rule, "description"), words(rule, "test"), error, List.of()));
        }
        Set<Variable> variables = new HashSet<>();
        NodeList named = root.getElementsByTagName("variable");
        for (int n = 0; n < named.getLength(); n++) {
            Element each = (Element) named.item(n);
            variables.add(Profiles.variableFromValues(each.getAttribute("name"), each.getAttribute("object"),
                words(each, "defaultValue"), words(each, "value")));
        }
        return Profiles.profileFromValues(flavour, Profiles.profileDetailsFromValues(file, file, "", new Date()), "", rules, variables);
    }

    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile[] profiles = {profile(PDFAFlavour.PDFA_3_A, "PDFA-3A.xml"), profile(PDFAFlavour.PDFUA_1, "PDFUA-1.xml")};
        for (String file : files) {
            for (ValidationProfile profile : profiles) {
                try (FileInputStream in = new FileInputStream(file);
                     var parser = Foundries.defaultInstance().createParser(in, profile.getPDFAFlavour());
                     var validator = Foundries.defaultInstance().createValidator(profile, false)) {
                    var result = validator.validate(parser);
                    System.out.println((result.isCompliant() ? "pass " : "fail ") + profile.getPDFAFlavour() + " " + result.getTotalAssertions() + " " + file);
                    result.getFailedChecks().forEach((rule, times) ->
                        System.out.println("  " + rule.getClause() + "-" + rule.getTestNumber() + " × " + times));
                }
            }
        }
    }
}
