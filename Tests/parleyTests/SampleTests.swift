import Testing
import Wire

struct SampleTests {
    @Test func everyCommandOfASampleIsAcceptedAndItsSceneShowsTheMainJob() throws {
        let program = try Program()
        let arguments = ["sample", "--seed", "5", "--commands", "1500", "--members", "40"]
        let history = try program.run(arguments, usesData: false)
        #expect(history.lines.count == 1500)
        #expect(try program.run(["append", "-", "--strict"], input: history.output).code == 0)
        for view in ["shared", "personal"] { #expect(try program.run(["project", view, "--once"]).code == 0) }
        #expect(try program.run(["rejections", "--json"]).lines.count == 1)
        let status = try JSONValue(program.run(["status", "--json"]).output)
        for projection in status["projections"]?.elements ?? [] {
            #expect(projection["orphaned"]?.number == 0)
            #expect(projection["gap"]?.number == 0)
        }
        try checkScene(program, arguments)
    }

    private func checkScene(_ program: Program, _ arguments: [String]) throws {
        let member = try program.run(arguments + ["--show-member"], usesData: false).lines[0]
        let scene = try JSONValue(program.run(arguments + ["--show-member", "--json"], usesData: false).output)
        #expect(scene["member"]?.text == member)
        let conversation = try #require(scene["conversation"]?.text)
        func message(_ name: String) throws -> JSONValue {
            let id = try #require(scene[name]?.text)
            return try JSONValue(program.run(["message", conversation, id, "--as", member, "--json"]).output)
        }
        let edited = try message("editedMessage")
        #expect(edited["state"]?.text == "live")
        #expect(edited["edited"] == .bool(true))
        #expect(edited["starred"] == .bool(true))
        #expect(edited["versions"]?.elements.count == 3)
        #expect(edited["reactions"]?.elements.count == 2)
        #expect(try message("deletedMessage")["state"]?.text == "deleted")
        let mailbox = try JSONValue(program.run(["mailbox", "--as", member, "--json"]).output)
        let row = mailbox["conversations"]?.elements.first { $0["conversation"]?.text == conversation }
        #expect(row?["unread"]?.number == 3)
    }
}
